"""A company's own data: a YAML spec maps its files to the canonical tables.

``spec`` and ``reading`` hold what the user wrote, ``inputs`` finds the files, ``rows`` streams them,
``values`` and ``staging`` turn text into typed columns, ``loads`` keeps the raw folder, ``tidy`` and
``wide`` make canonical tables, ``checking`` lists faults, ``drafting`` writes a first spec. ``belonging``
keeps companies apart that chose the same name.
"""

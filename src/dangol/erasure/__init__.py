"""Erasing a person: from tables, lists, pages and tracked files, and out of every later load."""

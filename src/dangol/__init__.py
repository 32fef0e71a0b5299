"""Dangol: analytical CRM from raw files to an honest evaluation of campaigns."""

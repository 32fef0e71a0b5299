"""Whom to contact with which campaign, within budget and contact rules, and what each rule costs."""

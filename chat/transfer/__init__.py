"""Conversations on their way in and out: what other products export, and what this site does.

A file is read as pure values (`formats`, one file each), and one writer makes rows of them.
"""

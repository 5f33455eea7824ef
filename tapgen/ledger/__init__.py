"""The record of every release: what was meant to be live, by whom, and what became of it.

``record`` is the schema, ``store`` reads and writes records in the artifact bucket, ``history`` answers questions about
them. A document is written once and never changed; nothing here touches a stack.
"""

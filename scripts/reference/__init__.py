"""docs/reference/parts.md, written from the kinds of parts.

signatures  a call of the vocabulary with its parameters, from its annotations and docstring
kinds       what is known of a kind: calls, verbs, event sources, settings, runbooks
pages       all of it as Markdown
"""

"""docs/reference/parts.md from the kinds of parts, and docs/reference/rules.md from the rules.

signatures  a call of the vocabulary with its parameters, from its annotations and docstring
kinds       what is known of a kind: calls, verbs, event sources, settings, runbooks
pages       all of it as Markdown
rules       the page of rules
command     write and check, of either page
"""

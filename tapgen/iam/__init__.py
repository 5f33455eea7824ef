"""What each principal may do: one statement function per capability, and the policies made of them.

Statements name exact resources by their deterministic ARNs. Nothing here makes CloudFormation resources.
"""

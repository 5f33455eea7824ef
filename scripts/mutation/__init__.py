"""Mutants of rendered templates: each property removed or changed in turn, and who notices.

subjects    the services whose templates are mutated
mutants     every mutant of a deployment's templates
judges      who notices a mutant: the rules, then cfn-lint on the resource by itself
reasons     why some mutants need no rule: a table, by class of reason
survey      all of it, counted
"""

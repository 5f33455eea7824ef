"""CloudFormation: what MiniStack's leaves out of stacks, change sets, drift and resource types.

::

    records                                  MiniStack's private names that several modules use, in one place
    stack_operations/                        creates and updates, resource by resource, with clean-up and rollback
    nested_stacks, nested_changes, nested_records   stacks in stacks
    change_sets, attribute_changes, output_changes, replacements    what a change set says
    imports/                                 import of existing resources and stacks
    rollbacks, rollback_statuses             ContinueUpdateRollback
    early_validation, properties/, service_rules/, stack_policies  what is refused, and when
    drift_readers, drift_reversal            drift
    *_types, query_definitions               resource types; resource_types: ways to add to a handler
    answers                                  XML of answers
"""

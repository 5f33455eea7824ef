"""Application Auto Scaling, as far as provisioned concurrency needs it: targets and policies are recorded.

Nothing scales here: the embedded AWS starts environments when they are needed. The alarms that target tracking makes on
AWS are not made.
"""

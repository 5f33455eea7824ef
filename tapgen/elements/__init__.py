"""What kinds of parts build with: stacks and the values between them, alarm definitions, widgets of a dashboard.

Nothing here knows a kind, a part or a service.
"""

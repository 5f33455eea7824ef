"""Rules on schedules."""

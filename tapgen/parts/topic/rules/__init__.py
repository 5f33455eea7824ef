"""Rules on topics, and on what they tell."""

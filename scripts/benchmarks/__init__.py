"""Speed as ratios measured in one run, because this machine's seconds are not the next one's."""

"""Whether a traffic shift is guarded, judged and rolled back."""

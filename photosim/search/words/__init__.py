"""What typed words mean: dates, labels, objects and names."""

"""Laws that hold in every run, on random small centers."""

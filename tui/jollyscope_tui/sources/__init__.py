"""What the screens ask of a store, and nothing more: the one seam between the explorer and the
library. A part for each kind of question; all of them block and are called from worker threads.
"""

"""Archive (档案): documents kept for ever, photos and papers, in a store that cannot forget."""

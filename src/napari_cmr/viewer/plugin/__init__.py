"""What napari calls: readers, writers and commands of the manifest."""

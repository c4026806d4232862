"""From a scan to undersampled images."""

"""Raw Cartesian k-space: CMRxRecon and ISMRMRD files."""

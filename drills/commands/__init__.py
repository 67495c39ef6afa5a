"""The commands below `tocsin drill`."""

"""What every entry of a registry must do: whoever adds one has it tested."""

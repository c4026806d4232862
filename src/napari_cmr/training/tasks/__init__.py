"""What is optimised: the step, the loss and the validation of each kind of task."""

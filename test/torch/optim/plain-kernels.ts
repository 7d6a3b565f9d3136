// To be imported before anything of lib/torch: recorded bits are those of ATen's plain kernels and of the one path through
// MKL that all processors have (scripts/goldens/optim.py, lbfgs.py).
process.env.ATEN_CPU_CAPABILITY = "default";
process.env.MKL_CBWR = "COMPATIBLE";

// To be imported before anything of lib/torch: recorded bits are those of ATen's plain kernels (scripts/goldens/optim.py).
process.env.ATEN_CPU_CAPABILITY = "default";

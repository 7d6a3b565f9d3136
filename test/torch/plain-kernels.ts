// To be imported before anything of lib/torch: recorded bits are those of the plain kernels of ATen, oneDNN and MKL
// (scripts/goldens/optim.py, nn.py).
Object.assign(process.env, {
  ATEN_CPU_CAPABILITY: "default",
  ONEDNN_MAX_CPU_ISA: "SSE41",
  MKL_CBWR: "COMPATIBLE",
});

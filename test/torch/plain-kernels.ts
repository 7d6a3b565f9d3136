// To be imported before anything of lib/torch: the plain kernels of ATen, oneDNN and MKL, which give the same bits on all
// x86-64 processors that have fused multiply-adds (functions of the C library use them). scripts/goldens/plain_kernels.py asks
// for the same, and says why the last one is needed.
Object.assign(process.env, {
  ATEN_CPU_CAPABILITY: "default",
  ONEDNN_MAX_CPU_ISA: "SSE41",
  MKL_CBWR: "COMPATIBLE",
  MKL_VML_DEBUG_CPU_TYPE: "1",
});

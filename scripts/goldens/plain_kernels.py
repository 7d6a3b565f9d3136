"""To be imported before torch: recorded bits are those of the plain kernels, as in test/torch/plain-kernels.ts."""

import os

os.environ.update(
    ATEN_CPU_CAPABILITY="default",
    ONEDNN_MAX_CPU_ISA="SSE41",
    MKL_CBWR="COMPATIBLE",
    # MKL_CBWR does not reach all of MKL's functions of vectors: sqrt, log, tan and others begin with rsqrtps or rcpps, whose
    # bits differ between Intel's and AMD's processors. The kernels of this undocumented number use neither.
    MKL_VML_DEBUG_CPU_TYPE="1",
)

#pragma once

#include <torch/torch.h>

#include "native/boundary/napi.h"
#include "native/older_glibc.h"

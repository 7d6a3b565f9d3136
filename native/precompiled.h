#pragma once

#include <torch/torch.h>

#include "native/boundary/napi.h"

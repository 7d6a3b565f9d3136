#pragma once

#include <torch/torch.h>

#include "boundary/napi.h"

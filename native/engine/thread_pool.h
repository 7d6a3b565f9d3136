// The threads that OpenMP keeps for a thread that computes in parallel.
#pragma once

namespace snorkel_torch {

/// Ends those of the calling thread, where OpenMP can; the next parallel computation of it makes new ones.
/// While they wait they count as busy: another thread's then sleep between any two operators.
void ReleaseThreadPool();

}  // namespace snorkel_torch

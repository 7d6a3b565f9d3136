#include "native/engine/direct_call.h"

#include <ATen/Operators.h>
#include <ATen/core/boxing/impl/make_boxed_from_unboxed_functor.h>

#include <string>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>

namespace snorkel_torch {
namespace {

using Stack = torch::jit::Stack;

// How LibTorch itself unpacks an argument of the type.
template <typename Argument>
using Unpack = c10::impl::ivalue_to_arg<typename c10::impl::decay_if_not_tensor<Argument>::type, false>;

template <typename Argument>
using Unpacked = std::decay_t<decltype(Unpack<Argument>::call(std::declval<c10::IValue&>()))>;

void Append(Stack& results, at::Tensor&& result) { results.emplace_back(std::move(result)); }

template <typename... Results>
void Append(Stack& results, std::tuple<Results...>&& values) {
  std::apply([&](auto&... value) { (results.emplace_back(std::move(value)), ...); }, values);
}

// Results that are references are arguments.
void Append(Stack&, at::Tensor&) {}
template <typename... Results>
void Append(Stack&, std::tuple<Results&...>&&) {}

template <typename Op, typename Signature>
class TypedCall;

template <typename Op, typename Result, typename... Arguments>
class TypedCall<Op, Result(c10::DispatchKeySet, Arguments...)> final : public DirectCall {
 public:
  TypedCall(c10::DispatchKeySet keys, const Stack& stack)
      : keys_(keys), stack_(stack), arguments_(ReadAll(std::index_sequence_for<Arguments...>())) {}

  void Run(Stack& results) override {
    std::apply([&](auto&... argument) { Append(results, Op::redispatch(keys_, argument...)); }, arguments_);
  }

 private:
  template <size_t... I>
  std::tuple<Unpacked<Arguments>...> ReadAll(std::index_sequence<I...>) const {
    return {Read<Arguments>(stack_[I])...};
  }

  template <typename Argument>
  static Unpacked<Argument> Read(c10::IValue value) {
    return Unpack<Argument>::call(value);
  }

  c10::DispatchKeySet keys_;
  Stack stack_;  // owns the text that arguments may point to
  std::tuple<Unpacked<Arguments>...> arguments_;
};

using Maker = std::unique_ptr<DirectCall> (*)(c10::DispatchKeySet keys, const Stack& arguments);
using Makers = std::unordered_map<c10::OperatorName, Maker>;

template <typename Op>
Makers::value_type For() {
  return {c10::OperatorName(Op::name, Op::overload_name),
          [](c10::DispatchKeySet keys, const Stack& arguments) -> std::unique_ptr<DirectCall> {
            using Call = TypedCall<Op, std::remove_reference_t<decltype(Op::redispatch)>>;
            return std::make_unique<Call>(keys, arguments);
          }};
}

template <typename... Ops>
Makers MakersFor() {
  return {For<Ops>()...};
}

const Makers& AllMakers() {
  namespace ops = at::_ops;
  static const Makers makers = MakersFor<
      // linear layers, convolutions, look-ups
      ops::addmm_out, ops::mm_out, ops::bmm_out, ops::baddbmm_out, ops::convolution,
      ops::convolution_backward, ops::embedding_out, ops::embedding_dense_backward_out, ops::_embedding_bag,
      ops::index_select_out, ops::gather_out, ops::_index_put_impl_, ops::index_Tensor_out,
      // activations
      ops::clamp_min_out, ops::threshold_backward_grad_input, ops::sigmoid_out,
      ops::sigmoid_backward_grad_input, ops::tanh_out, ops::tanh_backward_grad_input, ops::gelu_out,
      ops::gelu_backward_grad_input, ops::silu_out, ops::silu_backward_grad_input, ops::elu_out,
      ops::elu_backward_grad_input, ops::leaky_relu_out, ops::leaky_relu_backward_grad_input,
      ops::_softmax_out, ops::_softmax_backward_data_out, ops::_log_softmax_out,
      ops::_log_softmax_backward_data_out,
      // losses
      ops::nll_loss_forward_output, ops::nll_loss_backward_grad_input, ops::mse_loss,
      ops::mse_loss_backward_grad_input, ops::binary_cross_entropy,
      ops::binary_cross_entropy_backward_grad_input, ops::binary_cross_entropy_with_logits_out,
      // normalization, dropout, pooling
      ops::native_batch_norm, ops::native_batch_norm_backward, ops::native_layer_norm,
      ops::native_layer_norm_backward, ops::native_dropout, ops::bernoulli__float,
      ops::max_pool2d_with_indices_out, ops::max_pool2d_with_indices_backward_grad_input, ops::avg_pool2d_out,
      ops::avg_pool2d_backward_grad_input,
      // arithmetic
      ops::add_out, ops::add__Tensor, ops::sub_out, ops::sub__Tensor, ops::mul_out, ops::mul__Tensor,
      ops::div_out, ops::div__Tensor, ops::div__Scalar, ops::neg_out, ops::exp_out, ops::log_out,
      ops::sqrt_out, ops::rsqrt_out, ops::pow_Tensor_Scalar_out, ops::abs_out, ops::sgn_out,
      ops::sum_IntList_out, ops::mean_out,
      // comparisons
      ops::eq_Scalar_out, ops::ne_Scalar_out, ops::ge_Scalar_out, ops::gt_Scalar_out, ops::le_Scalar_out,
      ops::lt_Scalar_out, ops::eq_Tensor_out, ops::ne_Tensor_out, ops::where_self_out,
      // memory
      ops::copy_, ops::fill__Scalar, ops::zero_, ops::cat_out, ops::stack_out, ops::masked_fill__Scalar>();
  return makers;
}

}  // namespace

std::unique_ptr<DirectCall> MakeDirectCall(const c10::OperatorHandle& op, c10::DispatchKeySet keys,
                                           const Stack& arguments) {
  const auto maker = AllMakers().find(op.operator_name());
  return maker == AllMakers().end() ? nullptr : maker->second(keys, arguments);
}

}  // namespace snorkel_torch

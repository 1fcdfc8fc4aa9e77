"""Public names of torch that have no rule, each with the reason; docs/coverage.md shows them.

NN: of torch.nn and what is below it (tests/rules/test_nn_names.py). TORCH: of torch itself, torch.Tensor, torch.linalg
and the like (tests/rules/test_torch_names.py).
"""

from __future__ import annotations

# What is read of a name is matched as a pattern: ``*`` stands for any layer.
_NN_REASONS = {
    "an abstract class: it has no forward of its own": "torch.nn.RNNBase torch.nn.RNNCellBase",
    "torch calls it itself, on the way into forward": (
        "torch.nn.*.check_forward_args torch.nn.*.check_hidden_size torch.nn.*.check_input "
        "torch.nn.*.get_expected_hidden_size torch.nn.*.get_expected_cell_size torch.nn.*.permute_hidden "
        "torch.nn.MultiheadAttention.merge_masks"
    ),
    "torch calls it itself, before a lazy layer is called for the first time": (
        "torch.nn.Lazy*.cls_to_become torch.nn.Lazy*.has_uninitialized_params torch.nn.Lazy*.initialize_parameters "
        "torch.nn.parameter.UninitializedTensorMixin"
    ),
    "torch makes it itself, for a parametrized module": "torch.nn.utils.parametrize.ParametrizationList",
    "calls a module with other parameters than its own": "torch.nn.utils.stateless.functional_call",
    "float8 matrices with scales in the layout of one kind of device": (
        "torch.nn.functional.scaled_mm torch.nn.functional.scaled_grouped_mm torch.nn.functional.ScalingType "
        "torch.nn.functional.SwizzleType"
    ),
    "as many parts as there are devices": (
        "torch.nn.parallel.replicate torch.nn.parallel.scatter torch.nn.parallel.gather "
        "torch.nn.parallel.parallel_apply"
    ),
    "an enumeration, handed on": "torch.nn.attention.SDPBackend torch.nn.attention.bias.CausalVariant",
    "a mask that is only a note for a kernel": (
        "torch.nn.attention.bias.CausalBias torch.nn.attention.bias.causal_lower_right "
        "torch.nn.attention.bias.causal_upper_left"
    ),
    "makes a function of functions, or is one that is handed over": (
        "torch.nn.attention.flex_attention.and_masks torch.nn.attention.flex_attention.or_masks "
        "torch.nn.attention.flex_attention.noop_mask"
    ),
    "options and further results of a compiled kernel": (
        "torch.nn.attention.flex_attention.AuxOutput torch.nn.attention.flex_attention.AuxRequest "
        "torch.nn.attention.flex_attention.FlexKernelOptions"
    ),
}
NN: dict[str, str] = {name: reason for reason, names in _NN_REASONS.items() for name in names.split()}

_REASONS = {
    "removed from torch: it only raises": (
        "torch.eig torch.lstsq torch.matrix_rank torch.solve torch.symeig torch.Tensor.eig torch.Tensor.lstsq "
        "torch.Tensor.solve torch.Tensor.symeig torch.Tensor.reinforce"
    ),
    "an inner function of one kind of device or library, with layouts and weights of its own": (
        "torch.batch_norm_backward_elemt torch.batch_norm_backward_reduce torch.batch_norm_elemt "
        "torch.batch_norm_gather_stats torch.batch_norm_gather_stats_with_counts torch.batch_norm_stats "
        "torch.batch_norm_update_stats torch.cudnn_affine_grid_generator torch.cudnn_batch_norm "
        "torch.cudnn_convolution torch.cudnn_convolution_add_relu torch.cudnn_convolution_relu "
        "torch.cudnn_convolution_transpose torch.cudnn_grid_sampler torch.miopen_batch_norm torch.miopen_convolution "
        "torch.miopen_convolution_add_relu torch.miopen_convolution_relu torch.miopen_convolution_transpose "
        "torch.miopen_ctc_loss torch.miopen_depthwise_convolution torch.miopen_rnn torch.mkldnn_adaptive_avg_pool2d "
        "torch.mkldnn_convolution torch.mkldnn_linear_backward_weights torch.mkldnn_max_pool2d "
        "torch.mkldnn_max_pool3d torch.mkldnn_rnn_layer torch.native_norm"
    ),
    "takes weights that are packed, of which the sizes are not seen": (
        "torch.fbgemm_linear_fp16_weight torch.fbgemm_linear_fp16_weight_fp32_activation "
        "torch.fbgemm_linear_int8_weight torch.fbgemm_linear_int8_weight_fp32_activation "
        "torch.fbgemm_linear_quantize_weight torch.fbgemm_pack_gemm_matrix_fp16 torch.fbgemm_pack_quantized_matrix "
        "torch.quantized_gru torch.quantized_gru_cell torch.quantized_lstm torch.quantized_lstm_cell "
        "torch.quantized_rnn_relu_cell torch.quantized_rnn_tanh_cell torch.choose_qparams_optimized "
        "torch.empty_quantized torch.sparse.to_sparse_semi_structured torch.sparse.SparseSemiStructuredTensor "
        "torch.sparse.SparseSemiStructuredTensorCUTLASS torch.sparse.SparseSemiStructuredTensorCUSPARSELT"
    ),
    "what is in it comes from outside the program": (
        "torch.from_dlpack torch.load torch.to_dlpack torch.Tensor.__dlpack__ "
        "torch.Tensor.__dlpack_device__ torch.Tensor.__array_wrap__"
    ),
    "its tensors have rows of several lengths, or hide some of their elements": (
        "torch.nested.to_padded_tensor torch.nested.as_nested_tensor torch.nested.nested_tensor "
        "torch.nested.nested_tensor_from_jagged torch.nested.narrow torch.nested.masked_select "
        "torch.Tensor.to_padded_tensor torch.masked.as_masked_tensor torch.masked.is_masked_tensor "
        "torch.masked.masked_tensor torch.masked.MaskedTensor"
    ),
    "runs functions that are handed over, on terms of its own": (
        "torch.cond torch.while_loop torch.fork torch.wait torch.func.functional_call torch.func.functionalize "
        "torch.func.stack_module_state torch.func.debug_unwrap torch.func.replace_all_batch_norm_modules_ "
        "torch.autograd.gradcheck torch.autograd.gradgradcheck torch.sparse.as_sparse_gradcheck "
        "torch.cuda.make_graphed_callables torch.mps.compile_shader torch.mps.load_metallib"
    ),
    "for compilers: sizes and graphs, no tensors": (
        "torch.sym_constrain_range torch.sym_constrain_range_for_size torch.sym_float torch.sym_fresh_size "
        "torch.sym_int torch.sym_ite torch.sym_max torch.sym_min torch.sym_not torch.sym_sqrt torch.sym_sum "
        "torch.import_ir_module torch.import_ir_module_from_buffer torch.merge_type_from_type_comment torch.parse_ir "
        "torch.parse_schema torch.parse_type_comment torch.unify_type_list torch.compiler.assume_constant_result "
        "torch.compiler.substitute_in_graph torch.compiler.set_default_backend torch.compiler.set_stance "
        "torch.compiler.set_enable_guard_collectives torch.compiler.load_compiled_function torch.compiler.wrap_numpy "
        "torch.compiler.save_cache_artifacts torch.compiler.load_cache_artifacts "
        "torch.compiler.keep_portable_guards_unsafe torch.compiler.skip_guard_on_inbuilt_nn_modules_unsafe "
        "torch.compiler.skip_guard_on_all_nn_modules_unsafe torch.compiler.keep_tensor_guards_unsafe "
        "torch.compiler.skip_guard_on_globals_unsafe torch.compiler.skip_all_guards_unsafe "
        "torch.compiler.nested_compile_region"
    ),
    "memory and handles of a device, no tensors": (
        "torch.cuda.caching_allocator_alloc torch.cuda.caching_allocator_delete "
        "torch.cuda.caching_allocator_disabled torch.cuda.caching_allocator_enable torch.cuda.check_error "
        "torch.cuda.cudart torch.cuda.current_blas_handle torch.cuda.current_solver_handle "
        "torch.cuda.change_current_allocator torch.cuda.get_stream_from_external torch.cuda.graph_pool_handle "
        "torch.cuda.amp.amp_definitely_not_available torch.prepare_multiprocessing_environment "
        "torch.profiler_allow_cudagraph_cupti_lazy_reinit_cuda12"
    ),
    "torch's own, for torch's own use": (
        "torch.classproperty torch.autograd.variable torch.utils.checkpoint.check_backward_validity "
        "torch.utils.checkpoint.detach_variable torch.utils.checkpoint.create_selective_checkpoint_contexts "
        "torch.slice_inverse torch.Tensor.slice_inverse torch.Tensor.index torch.Tensor.module_load"
    ),
    "gives a tensor of a class that may change what operators do": "torch.Tensor.as_subclass",
    "the steps of an iterative search: which of its results are there depends on the arguments": "torch.lobpcg",
    "called by Python and by torch, never by its name": (
        "torch.Tensor.__contains__ torch.Tensor.__deepcopy__ torch.Tensor.__delitem__ torch.Tensor.__iter__ "
        "torch.Tensor.__reversed__ torch.Tensor.__setstate__ torch.Tensor.__torch_dispatch__ "
        "torch.Tensor.__torch_function__"
    ),
}

TORCH: dict[str, str] = {name: why for why, names in _REASONS.items() for name in names.split()}

"""What only sets or asks how torch runs: threads, seeds, devices, memory. No tensor's shape depends on it."""

from __future__ import annotations

from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.values import Made, Unknown, Value


def _below(module: str, names: str) -> list[str]:
    return [f"{module}.{name}" for name in names.split()]


@known(
    *_below(
        "torch",
        "use_deterministic_algorithms set_deterministic_debug_mode set_float32_matmul_precision set_num_threads "
        "set_num_interop_threads set_printoptions set_rng_state set_warn_always set_anomaly_enabled "
        "set_default_device set_autocast_enabled set_autocast_dtype set_autocast_cache_enabled clear_autocast_cache "
        "set_autocast_cpu_enabled set_autocast_cpu_dtype set_autocast_gpu_dtype init_num_threads "
        "set_autocast_ipu_enabled set_autocast_ipu_dtype set_autocast_xla_enabled set_autocast_xla_dtype "
        "autocast_increment_nesting autocast_decrement_nesting set_default_tensor_type",
    ),
    *_below("torch.random", "set_rng_state"),
    *_below(
        "torch.cuda",
        "init ipc_collect set_stream set_rng_state set_rng_state_all seed seed_all set_sync_debug_mode "
        "set_per_process_memory_fraction reset_peak_memory_stats reset_max_memory_allocated reset_max_memory_cached "
        "reset_accumulated_memory_stats reset_accumulated_host_memory_stats reset_peak_host_memory_stats",
    ),
    *_below("torch.backends.cuda", "enable_flash_sdp enable_math_sdp enable_mem_efficient_sdp enable_cudnn_sdp"),
    "torch.backends.cuda.allow_fp16_bf16_reduction_math_sdp",
    *_below("torch.mps", "empty_cache synchronize manual_seed seed set_rng_state set_per_process_memory_fraction"),
    *_below("torch.cpu", "synchronize set_device"),
    *_below("torch.compiler", "reset cudagraph_mark_step_begin"),
    *_below("torch.autograd", "backward"),
    *_below("torch.utils.checkpoint", "set_device_states"),
)
def _set(h: Here) -> Value:
    return None


@known(
    *_below(
        "torch",
        "are_deterministic_algorithms_enabled get_deterministic_debug_mode get_float32_matmul_precision "
        "get_num_threads get_num_interop_threads get_rng_state initial_seed seed get_default_device get_default_dtype "
        "get_autocast_dtype get_autocast_cpu_dtype get_autocast_gpu_dtype get_device_module set_flush_denormal "
        "is_autocast_enabled is_autocast_cpu_enabled is_autocast_cache_enabled is_inference_mode_enabled "
        "is_anomaly_enabled is_anomaly_check_nan_enabled is_warn_always_enabled is_vulkan_available "
        "is_autocast_ipu_enabled is_autocast_xla_enabled get_autocast_ipu_dtype get_autocast_xla_dtype "
        "promote_types result_type can_cast get_file_path cudnn_is_acceptable "
        "is_deterministic_algorithms_warn_only_enabled compiled_with_cxx11_abi typename is_storage",
    ),
    *_below("torch.random", "get_rng_state initial_seed seed"),
    *_below("torch.amp", "is_autocast_available"),
    *_below(
        "torch.cuda",
        "current_device get_device_name get_device_capability get_device_properties get_arch_list get_gencode_flags "
        "memory_allocated max_memory_allocated memory_reserved max_memory_reserved memory_cached max_memory_cached "
        "memory_stats memory_stats_as_nested_dict memory_summary memory_snapshot mem_get_info host_memory_stats "
        "host_memory_stats_as_nested_dict memory_usage utilization temperature power_draw clock_rate "
        "device_memory_used is_initialized is_bf16_supported is_tf32_supported is_current_stream_capturing "
        "get_rng_state get_rng_state_all initial_seed get_sync_debug_mode get_per_process_memory_fraction "
        "can_device_access_peer list_gpu_processes get_allocator_backend",
    ),
    *_below(
        "torch.backends.cuda",
        "is_built flash_sdp_enabled math_sdp_enabled mem_efficient_sdp_enabled cudnn_sdp_enabled "
        "can_use_flash_attention can_use_efficient_attention can_use_cudnn_attention is_flash_attention_available "
        "preferred_linalg_library preferred_blas_library preferred_rocm_fa_library is_ck_sdpa_available "
        "blas_workspace_size cublas_workspace_size cublaslt_workspace_size fp16_bf16_reduction_math_sdp_allowed",
    ),
    *_below("torch.backends.mps", "is_built is_macos13_or_newer is_macos_or_newer get_name get_core_count"),
    *_below("torch.mps", "is_available device_count get_rng_state current_allocated_memory driver_allocated_memory"),
    "torch.mps.recommended_max_memory",
    *_below("torch.cpu", "is_available device_count current_device is_initialized get_capabilities"),
    *_below("torch.autograd", "is_multithreading_enabled is_view_replay_enabled kineto_available"),
    *_below("torch.compiler", "is_exporting list_backends get_default_backend"),
    "torch.utils.checkpoint.get_device_states",
)
def _asked(h: Here) -> Value:
    """What the machine and its settings are."""
    return Unknown("depends on the machine and its settings")


@known(
    *_below("torch.autograd", "inference_mode no_grad enable_grad set_grad_enabled set_multithreading_enabled"),
    *_below("torch.cuda", "stream current_stream default_stream device_of graph use_mem_pool"),
    *_below("torch.cpu", "stream current_stream"),
    *_below("torch.utils.checkpoint", "set_checkpoint_early_stop set_checkpoint_debug_enabled noop_context_fn"),
)
def _context(h: Here) -> Value:
    return Made(h.path, tuple(h.args.positional), tuple(h.args.keywords.items()))


@known(
    *_below("torch.amp", "custom_fwd custom_bwd"),
    *_below("torch.cuda.amp", "custom_fwd custom_bwd"),
    *_below("torch.compiler", "disable allow_in_graph compile"),
)
def _decorator(h: Here) -> Value:
    """``@torch.compiler.disable`` gives the function back; with arguments it gives the decorator that does."""
    function = h.arg(0, "fn")
    return Unknown(f"{h.path} with arguments") if function is None else function


@known("torch.random.manual_seed", "torch.random.thread_safe_generator", "torch.thread_safe_generator")
def _generator(h: Here) -> Value:
    return Made("torch.Generator")

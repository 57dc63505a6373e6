"""``tf.contrib.slim``: loops that train and evaluate; its other names are those of contrib's other packages."""

from __future__ import annotations

import importlib
import logging
import time
from collections.abc import Callable
from typing import Any

from legacy_tf1 import tf
from legacy_tf1.compat.registry import ADDED, adds

log = logging.getLogger("tensorflow")

# Where slim has them → whose names they are.
ALIASES = {
    "": ("layers", "framework"), "losses.": ("losses",), "metrics.": ("metrics",), "variables.": ("framework",),
    # The modules that contrib.layers is made of came along with their names.
    **{f"{module}.": ("layers",) for module in (
        "initializers", "regularizers", "layers", "optimizers", "normalization", "summaries", "encoders",
        "embedding_ops", "feature_column", "feature_column_ops", "utils",
    )},
}  # fmt: skip
for _place, _packages in ALIASES.items():
    for _package in _packages:
        for _name, _value in list(ADDED.items()):
            if _name.startswith(f"contrib.{_package}."):
                ADDED.setdefault(f"contrib.slim.{_place}{_name.removeprefix(f'contrib.{_package}.')}", _value)

DEFAULT: Any = object()  # in the place of an argument that may be None too


@adds("contrib.slim.learning.train_step")
def train_step(sess: Any, train_op: Any, global_step: Any, train_step_kwargs: dict[str, Any]) -> tuple[Any, bool]:
    """One step: returns the loss, and whether it was the last."""
    start = time.time()
    loss, step = sess.run([train_op, global_step])
    if "should_log" in train_step_kwargs and sess.run(train_step_kwargs["should_log"]):
        log.info("global step %d: loss = %.4f (%.3f sec/step)", step, loss, time.time() - start)
    return loss, bool(sess.run(train_step_kwargs["should_stop"])) if "should_stop" in train_step_kwargs else False


@adds("contrib.slim.learning.train")
def train(
    train_op: Any,
    logdir: str | None,
    train_step_fn: Callable[..., Any] = train_step,
    train_step_kwargs: Any = DEFAULT,
    log_every_n_steps: int = 1,
    graph: Any = None,
    master: str = "",
    is_chief: bool = True,
    global_step: Any = None,
    number_of_steps: Any = None,
    init_op: Any = DEFAULT,
    init_feed_dict: Any = None,
    local_init_op: Any = DEFAULT,
    init_fn: Any = None,
    ready_op: Any = DEFAULT,
    summary_op: Any = DEFAULT,
    save_summaries_secs: float = 600,
    summary_writer: Any = DEFAULT,
    startup_delay_steps: int = 0,
    saver: Any = None,
    save_interval_secs: float = 600,
    sync_optimizer: Any = None,
    session_config: Any = None,
    session_wrapper: Any = None,
    trace_every_n_steps: int | None = None,
    ignore_live_threads: bool = False,
) -> Any:
    """Train, under a ``tf.train.Supervisor``, until ``number_of_steps`` or the end of the data.

    Args:
        train_op: of ``create_train_op``: a step, which returns the loss.
        logdir: for summaries and checkpoints; training goes on from the latest. None writes nothing.
        train_step_fn: of session, train_op, global_step and a dictionary: returns the loss and whether to stop.
        train_step_kwargs: that dictionary; by default ``should_stop`` and ``should_log``.
        log_every_n_steps: how often the loss is told.
        graph: None takes the graph of ``train_op``.
        master: as of ``managed_session``.
        is_chief: whether it initializes and saves.
        global_step: None takes the graph's.
        number_of_steps: counted by ``global_step``; None goes on for ever.
        init_op: initializes what is not restored.
        init_feed_dict: its feeds.
        local_init_op: initializes local variables and tables.
        init_fn: of the session, after ``init_op``.
        ready_op: names of variables that lack a value.
        summary_op: None writes none.
        save_summaries_secs: seconds between summaries.
        summary_writer: of summaries.
        startup_delay_steps: not waited for: there is one worker.
        saver: of checkpoints.
        save_interval_secs: seconds between checkpoints.
        sync_optimizer: not used: there is one worker.
        session_config: of the session.
        session_wrapper: function that gives a session in the place of the session.
        trace_every_n_steps: not traced.
        ignore_live_threads: as of ``Supervisor.stop``.

    Returns:
        The last loss.

    Raises:
        ValueError: there is no train_op, or something is to be written and no place for it.
    """
    if train_op is None:
        raise ValueError("train_op cannot be None")
    if logdir is None and (saver is not None or (summary_op is not None and summary_op is not DEFAULT)):
        raise ValueError("without logdir there is no place for summaries and checkpoints")
    graph = graph or train_op.graph
    with graph.as_default():
        step = tf.train.get_or_create_global_step() if global_step is None else global_step
        saver = saver or tf.train.Saver()
        if init_op is DEFAULT:
            init_op = tf.global_variables_initializer()
        if ready_op is DEFAULT:
            ready_op = tf.report_uninitialized_variables()
        if local_init_op is DEFAULT:
            local_init_op = tf.group(tf.local_variables_initializer(), tf.tables_initializer())
        if summary_op is DEFAULT:
            summary_op = tf.summary.merge_all()
        if train_step_kwargs is DEFAULT:
            train_step_kwargs = {
                "should_stop": tf.greater_equal(step, number_of_steps) if number_of_steps else tf.constant(False)
            }
            if log_every_n_steps > 0:
                train_step_kwargs["should_log"] = tf.equal(tf.mod(step, log_every_n_steps), 0)
    supervisor = tf.train.Supervisor(
        graph=graph, is_chief=is_chief, logdir=logdir, init_op=init_op, init_feed_dict=init_feed_dict,
        local_init_op=local_init_op, ready_op=ready_op, summary_op=summary_op, global_step=step, saver=saver,
        summary_writer=tf.train.Supervisor.USE_DEFAULT if summary_writer is DEFAULT else summary_writer,
        save_summaries_secs=save_summaries_secs, save_model_secs=save_interval_secs, init_fn=init_fn,
    )  # fmt: skip
    if summary_writer is not None:
        train_step_kwargs["summary_writer"] = supervisor.summary_writer
    loss = None
    with supervisor.managed_session(master, start_standard_services=False, config=session_config) as session:
        log.info("Starting Session.")
        session = session_wrapper(session) if session_wrapper is not None else session
        if is_chief and logdir:
            supervisor.start_standard_services(session)
        threads = supervisor.start_queue_runners(session)
        try:
            while not supervisor.should_stop():
                loss, stop = train_step_fn(session, train_op, step, train_step_kwargs)
                if stop:
                    log.info("Stopping Training.")
                    supervisor.request_stop()
                    break
        except tf.errors.OutOfRangeError as error:
            log.info("Caught OutOfRangeError. Stopping Training. %s", error)
        if logdir and is_chief:
            log.info("Finished training! Saving model to disk.")
            saver.save(session, supervisor.save_path, global_step=step)
            supervisor.stop(threads, close_summary_writer=True, ignore_live_threads=ignore_live_threads)
    return loss


# --- evaluation ---


@adds("contrib.slim.evaluation.evaluate_once")
def evaluate_once(
    master: str,
    checkpoint_path: str,
    logdir: str | None,
    num_evals: int = 1,
    initial_op: Any = None,
    initial_op_feed_dict: Any = None,
    eval_op: Any = None,
    eval_op_feed_dict: Any = None,
    final_op: Any = None,
    final_op_feed_dict: Any = None,
    summary_op: Any = DEFAULT,
    summary_op_feed_dict: Any = None,
    variables_to_restore: Any = None,
    session_config: Any = None,
    hooks: Any = None,
) -> Any:
    """Restore a checkpoint, run ``eval_op`` so many times, write the summaries.

    As in 1.15, ``initial_op`` is for variables that no checkpoint gave their values: one that is found leaves it out.

    Returns:
        What ``final_op`` gave.
    """
    step = tf.train.get_or_create_global_step()
    if summary_op is DEFAULT:
        summary_op = tf.summary.merge_all()
    saver = tf.train.Saver(variables_to_restore or tf.global_variables())
    creator = tf.train.ChiefSessionCreator(
        tf.train.Scaffold(init_op=initial_op, init_feed_dict=initial_op_feed_dict, saver=saver), master,
        session_config, checkpoint_filename_with_path=checkpoint_path,
    )  # fmt: skip
    log.info("Starting evaluation of %s", checkpoint_path)
    found = None
    with tf.train.MonitoredSession(creator, hooks) as session:
        for _ in range(num_evals if eval_op is not None else 0):
            session.run(eval_op, eval_op_feed_dict)
        if final_op is not None:
            found = session.run(final_op, final_op_feed_dict)
        if summary_op is not None and logdir:
            writer = tf.summary.FileWriter(logdir)
            summary, count = session.run([summary_op, step], summary_op_feed_dict)
            writer.add_summary(summary, count)
            writer.close()
    log.info("Finished evaluation of %s", checkpoint_path)
    return found


@adds("contrib.slim.evaluation.evaluation_loop")
def evaluation_loop(
    master: str,
    checkpoint_dir: str,
    logdir: str | None,
    num_evals: int = 1,
    initial_op: Any = None,
    initial_op_feed_dict: Any = None,
    eval_op: Any = None,
    eval_op_feed_dict: Any = None,
    final_op: Any = None,
    final_op_feed_dict: Any = None,
    summary_op: Any = DEFAULT,
    summary_op_feed_dict: Any = None,
    variables_to_restore: Any = None,
    eval_interval_secs: float = 60,
    max_number_of_evaluations: int | None = None,
    session_config: Any = None,
    timeout: float | None = None,
    timeout_fn: Any = None,
    hooks: Any = None,
) -> Any:
    """The same for each checkpoint that comes into a folder, until so many were evaluated or none came in time."""
    found = None
    every = tf.train.checkpoints_iterator(checkpoint_dir, eval_interval_secs, timeout, timeout_fn)
    for number, path in enumerate(every, 1):
        found = evaluate_once(
            master, path, logdir, num_evals, initial_op, initial_op_feed_dict, eval_op, eval_op_feed_dict, final_op,
            final_op_feed_dict, summary_op, summary_op_feed_dict, variables_to_restore, session_config, hooks,
        )  # fmt: skip
        if number == max_number_of_evaluations:
            break
    return found


adds("contrib.training.checkpoints_iterator", "contrib.slim.evaluation.checkpoints_iterator")(
    tf.train.checkpoints_iterator
)

# slim showed the modules that it had imported itself.
ADDED["contrib.slim.init_ops"] = importlib.import_module("tensorflow.python.ops.init_ops")


@adds("contrib.slim.model_analyzer.analyze_vars")
def analyze_vars(variables: Any, print_info: bool = False) -> tuple[int, int]:
    """How many numbers the variables hold together, and in how many bytes; printed line by line if that is wanted."""
    total = size = 0
    if print_info:
        print("---------\nVariables: name (type shape) [size]\n---------")
    for variable in variables:
        count = variable.shape.num_elements() or 0
        total, size = total + count, size + count * variable.dtype.base_dtype.size
        if print_info:
            shape = "x".join(map(str, variable.shape.as_list()))
            kind = variable.dtype.base_dtype.name
            print(f"{variable.name} ({kind} {shape}) [{count}, bytes: {count * variable.dtype.base_dtype.size}]")
    if print_info:
        print(f"Total size of variables: {total}\nTotal bytes of variables: {size}")
    return total, size


@adds("contrib.slim.model_analyzer.analyze_ops")
def analyze_ops(graph: Any, print_info: bool = False) -> int:
    """How many numbers the outputs of the graph's operations hold whose shapes are known; printed likewise."""
    total = 0
    if print_info:
        print("---------\nOperations: name -> (type shapes) [size]\n---------")
    for operation in graph.get_operations():
        shapes = [output.shape for output in operation.outputs]
        count = sum(shape.num_elements() or 0 for shape in shapes)
        total += count
        if print_info:
            texts = [f"{output.dtype.base_dtype.name} {output.shape}" for output in operation.outputs]
            print(f"{operation.name} -> ({operation.type} {', '.join(texts)}) [{count}]")
    if print_info:
        print(f"Total size: {total}")
    return total

"""Everything that touches the inside of lmms-eval 0.7.3, in one place: no documented interface.

| what is changed | why | where |
|---|---|---|
| ``TaskManager.initialize_tasks`` | our folder joins, behind built-in and users' tasks | ``task_index`` |
| ``TaskManager.match_tasks`` | data and pictures are looked at before the model is loaded | ``task_index`` |
| ``evaluator.simple_evaluate`` | examples before the question are refused as early | ``evaluation`` |
| ``evaluator.evaluate`` | only there are model and answers: what it saw, what failed | ``evaluation`` |
| the ``response_cache`` of ``evaluate`` | answers are kept as they come, pictures count | ``requests`` |
| ``sys.exit``, in the command's process | a failed run of our tasks would end with code 0 | ``run_end`` |

A change that fails costs our tasks a service, never the harness its run (``guard``); only a refusal
(``SystemExit``) passes.
"""

from panoenv_tasks.tasks.adapter.models import TEXT_ONLY, manifests
from panoenv_tasks.tasks.adapter.run_end import RUNS
from panoenv_tasks.tasks.adapter.task_index import TASK_FOLDER, adapt

__all__ = ["RUNS", "TASK_FOLDER", "TEXT_ONLY", "adapt", "manifests"]

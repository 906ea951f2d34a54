"""OpenAI on this machine: chat completions and responses with structured output, from key words instead of a model.

    with OpenAISimulator(api_key) as openai:
        openai.base_url  # for the client: .../v1

Batches too: files, batches and their answers, completed at the second look.

`python -m local.openai_simulator --help` for the same as a process. The same request always gets the same answer.

A fault is provoked by the words `simulate 429` in the reply text, or in advance, one request each, by
POST /simulator/faults {"next": ["429", "500"]}. The kinds, as far as the caller sees them:

    401, 429, 500   that HTTP status with OpenAI's error object
    timeout         no answer, then a closed connection
    truncated       half the answer, finish_reason "length"
    wrong_schema    JSON that breaks the schema that was asked for
    refusal         the model declines: `refusal` instead of content

Several replies in one request, {"replies": [{"id": ..., "reply": ...}]}, get a list of answers. Its faults concern one
reply, the one that carries the words, else the first:

    missing_id        it has no answer
    doubled_id        it has two, which contradict each other
    foreign_id        its answer stands under an id that nobody gave
    swapped_evidence  its answer quotes a neighbour

A reply that says how "the others" are to be labelled is obeyed, as by a gullible model.
"""

from local.openai_simulator.simulator import OpenAISimulator

__all__ = ["OpenAISimulator"]

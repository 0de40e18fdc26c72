"""GRPO post-training on PanoEnv questions with today's TRL, rewarded by the benchmark's own scorer."""

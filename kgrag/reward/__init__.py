"""A reward for answers, learnt from people's rankings.

Start at ``model.DefaultReward``; ``pairwise`` holds the loss.
"""

"""The LSTM: what it reads, how it learns, what it says. Start at train.py and predict.py."""

"""What forecasts and decisions are worth, by days that they did not know. Start at backtest.py."""

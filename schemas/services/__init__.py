"""Services of public statistics: addresses and rules of instances that speak one protocol."""

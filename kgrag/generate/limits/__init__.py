"""What a draft step may cost: time, requests, tokens; and whom not to ask for a while."""

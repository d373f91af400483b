"""Forms of the accounts."""

from django import forms


class SignupForm(forms.Form):
    """What is asked beside email and password."""

    name = forms.CharField(max_length=80)

    def signup(self, request, user) -> None:
        user.name = self.cleaned_data["name"]
        user.save()

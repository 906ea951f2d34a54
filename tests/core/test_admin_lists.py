"""What our lists make themselves because the skin takes too long for it looks as the skin's own."""

from django.contrib.admin import site
from unfold.admin import ModelAdmin

from core.admin import FastListAdmin
from leads.models import Owner


def test_the_box_before_a_row_is_the_skins():
    owner = Owner(pk=17)

    assert FastListAdmin(Owner, site).action_checkbox(owner) == ModelAdmin(Owner, site).action_checkbox(owner)

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('creators', '0002_account_claim'),
        ('offers', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='calloffer',
            name='creator',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='creators.creator'),
        ),
    ]
